"""The syntax of bash, as far as it takes to know where a command ends; written after the rules of bash 5.2."""
