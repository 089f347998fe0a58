echo before
--8<-- "includes/two-lines.sh"
echo after
