"""Frames, in whatever pieces their bytes arrive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fencepost.machine.warm.frames import Decoder, Frame, words

FRAMES = st.builds(Frame, st.sampled_from([b"1", b"2", b"G", b"X", b"O"]), st.integers(0, 7), st.binary(max_size=300))


@given(st.lists(FRAMES, max_size=20), st.lists(st.integers(1, 50), min_size=1, max_size=50))
def test_frames_come_out_as_they_went_in(frames: list[Frame], cuts: list[int]) -> None:
    data = b"".join(frame.encoded() for frame in frames)
    decoder, found, at = Decoder(), [], 0
    while at < len(data):
        size = cuts[at % len(cuts)]
        found += decoder.feed(data[at : at + size])
        at += size
    assert found == frames


def test_a_commands_words_keep_every_byte() -> None:
    assert words(["sh", "", "a b\n", "\udcff"]) == b"sh\0\0a b\n\0\xff\0"
