"""Many small questions to the database in one hop and one transaction: what asks while others read goes with the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Refused

T = TypeVar("T")
BATCH = 50
"""Questions a transaction, so that no other reader waits long."""


class Together:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._asked: deque[tuple[Callable[[Session], Any], asyncio.Future[Any]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def read(self, question: Callable[[Session], T]) -> T:
        """The answer to ``question(session)``, which only reads. Raises what it raises, if that is a refusal; whatever else
        happens in a batch happens to all in it."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((question, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work_off())
        return await answer

    async def _work_off(self) -> None:
        try:
            while self._asked:
                batch = [self._asked.popleft() for _ in range(min(BATCH, len(self._asked)))]
                try:
                    answers = await self._db.read(_answer, [question for question, _ in batch])
                except Exception as error:
                    for _, waiting in batch:
                        if not waiting.done():
                            waiting.set_exception(error)
                    continue
                for (_, waiting), answer in zip(batch, answers, strict=True):
                    if waiting.done():  # whoever asked has gone
                        continue
                    if isinstance(answer, Refused):
                        waiting.set_exception(answer)
                    else:
                        waiting.set_result(answer)
        finally:
            self._task = None


def _answer(session: Session, questions: list[Callable[[Session], Any]]) -> list[Any]:
    answers: list[Any] = []
    for question in questions:
        try:
            answers.append(question(session))
        except Refused as refused:
            answers.append(refused)
    return answers
