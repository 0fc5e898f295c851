"""What is deployed into the emulator: synthesized, and then its stacks by CloudFormation."""
