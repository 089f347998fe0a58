echo '{{ not filled in }}'
