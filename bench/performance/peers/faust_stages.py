"""The worker's stages in a Faust agent, post by post: the peer of the plumbing."""

from bench.performance.peers.faust_app import run_agent
from bench.performance.peers.stages import Stages

if __name__ == "__main__":
    run_agent(Stages().answer)
