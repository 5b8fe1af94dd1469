"""What people may look at of the register; the adapters read it from the store beside the writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kentongan_server import site_shapes as shapes


@dataclass(frozen=True, slots=True)
class ServedPicture:
    """A picture as browsers get it; `tag` names its content."""

    media_type: str
    data: bytes
    tag: str

    def __repr__(self) -> str:
        return f"ServedPicture({self.media_type}, {self.tag})"


class SiteViews(Protocol):
    """Reading; each answer is true for one moment of the store."""

    async def sites(self) -> shapes.Sites: ...
    async def site(self, code: str) -> shapes.Site | None: ...
    async def picture(self, code: str) -> ServedPicture | None: ...
    async def city_plans(self) -> shapes.Plans: ...
    async def agencies(self) -> shapes.Agencies: ...
