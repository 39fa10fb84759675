"""How many replicas must have a write before it counts as kept, learned from the server itself."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Replicas:
    """All that are in step, and never fewer than ``floor``.

    The count alone would fall to 0 without a word while a master loses its replicas, and with it
    would go what a failover then takes away: that is what the floor is for.
    """

    floor: int = 0
    online: int = 0

    @property
    def needed(self) -> int:
        """How many must have received a write."""
        return max(self.online, self.floor)

    def learn(self, info: Mapping[str, object]) -> None:
        """Take the count from INFO replication; one that is still being copied counts not yet."""
        listed = [value for name, value in info.items() if name.removeprefix("slave").isdigit()]
        self.online = sum(
            isinstance(replica, Mapping) and replica.get("state") == "online" for replica in listed
        )
