#= output: ""
trap 'echo "failed with $?"' ERR
#= status: 7, line: 4, output: "failed with 7\n"
(exit 7)
#= output: "failed with 3\nwent on\n"
set +e
(exit 3)
echo went on
