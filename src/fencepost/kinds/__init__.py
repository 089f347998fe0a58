"""What each kind of step knows: how its fences are recognised, checked, run, judged, recorded and scripted."""
