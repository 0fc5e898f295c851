"""What a stage runs, and the way back: releases and backups."""
