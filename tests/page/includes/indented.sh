f() {
  # --8<-- [start:body]
  echo one
    echo two
  # --8<-- [end:body]
}
