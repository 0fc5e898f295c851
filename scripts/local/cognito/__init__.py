"""A proxy of the emulator's Cognito, which asks for MFA and rotates refresh tokens as AWS does."""
