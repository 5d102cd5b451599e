"""How many workers, partitions and devices a platform needs, from measured service rates."""
