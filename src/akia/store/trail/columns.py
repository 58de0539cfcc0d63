"""Columns as the trail's tables have them: none is ever null."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Text


def keys(*names: str) -> list[Column[str]]:
    """Texts that the primary key is made of."""
    return [Column(name, Text, primary_key=True) for name in names]


def texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def numbers(*names: str) -> list[Column[int]]:
    """Times and counts."""
    return [Column(name, BigInteger, nullable=False) for name in names]
