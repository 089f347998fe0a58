count() {
    ls "$1" | wc --lines
}
