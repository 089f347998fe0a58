# Without it nothing can be told. The page hears of it, and nothing passes for what it isn't.
#= ending: TIMED_OUT, status: null, seconds: 1
builtin() { :; }
