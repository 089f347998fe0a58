"""Tests of what readers get: pages with results, built sites, badges, scripts, recordings.

Records are made up, so that no engine is needed. Whole sites are files in `sites/`; some tests read them in Chromium.
"""
