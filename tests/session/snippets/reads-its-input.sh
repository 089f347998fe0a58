#= output: "nothing to read\n"
cat
read -r line || echo nothing to read
#= output: "eaten nothing\n"
cat >/dev/null
echo eaten nothing
#= output: "from a here-document\n"
cat <<END
from a here-document
END
#= output: "bash got nothing\n"
bash
echo bash got nothing
