"""Programs of simulators; they run inside the sandbox and are never imported."""
