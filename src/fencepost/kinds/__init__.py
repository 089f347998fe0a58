"""Kinds of steps: each knows how its fences are recognised, checked, run, judged, recorded and scripted."""
