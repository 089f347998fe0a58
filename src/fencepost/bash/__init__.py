"""As much of bash 5.2's syntax as is needed to find where a command ends."""
