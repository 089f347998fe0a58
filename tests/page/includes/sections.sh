# --8<-- [start:top]
echo top
# --8<-- [end:top]
# --8<-- [start:middle]
echo middle
# --8<-- [end:middle]
