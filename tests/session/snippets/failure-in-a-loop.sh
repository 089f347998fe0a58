#= status: 1, line: 4, output: "1\n2\n"
for number in 1 2 3; do
    echo $number
    [ $number != 2 ]
done
#= status: 1, line: 7, output: "x\n"
echo x | while read -r word; do echo "$word"; false; echo not reached; done
echo not reached
#= status: 1, line: 12
until false; do
    while true; do
        false
    done
done
