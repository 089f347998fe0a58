echo here
--8<-- "includes/nowhere.sh"
