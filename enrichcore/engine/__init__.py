"""The engine: plan, cascade, attempts, and everything that makes them safe to pay for."""
