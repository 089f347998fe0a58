#= status: 1, ending: SESSION_ENDED, like: "before\nbash: nowhere: must be set"
echo before
: "${nowhere:?must be set}"
echo not reached
