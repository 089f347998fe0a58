"""A hook that notes its events, and prints."""

from pathlib import Path

log = Path(__file__).with_name("events")


def _note(event):
    print("a hook prints")
    with log.open("a") as file:
        file.write(f"{event}\n")


def on_startup(command, dirty):
    _note(f"startup {command} {dirty}")


def on_config(config):
    _note("config")
    if config.extra.get("fails"):
        raise ValueError("it can't")


def on_pre_build(config):
    _note("pre_build")


def on_post_build(config):
    _note("post_build")


def on_shutdown():
    _note("shutdown")
    raise ValueError("too late to matter")
