"""The life that AWS's clients walk: the same calls, in the same order, at the same times, as `life.rs` makes."""

from __future__ import annotations

from diary import Diary
from walk_builder import image_by_builder
from walk_by_hand import image_by_hand, listings
from walk_callers import callers
from walk_image import image_life


def walk(diary: Diary) -> None:
    callers(diary)
    listings(diary)
    if diary.asides:
        image_by_hand(diary)
    image_life(diary, image_by_builder(diary))
