"""The life that AWS's clients walk: the same calls, in the same order, at the same times, as `life.rs` makes."""

from __future__ import annotations

from diary import Diary
from walk_by_hand import image_by_hand
from walk_image import image_life


def walk(diary: Diary) -> None:
    image = image_by_hand(diary)
    image_life(diary, image)
