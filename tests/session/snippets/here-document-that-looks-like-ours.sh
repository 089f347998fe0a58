#= output: "END-0123456789abcdef\n"
cat <<'END'
END-0123456789abcdef
END
