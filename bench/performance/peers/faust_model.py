"""A Faust agent that calls the model for each post, as tutorials do."""

from bench.performance.peers.faust_app import run_agent
from bench.performance.peers.model import PeerModel

if __name__ == "__main__":
    run_agent(PeerModel().answer)
