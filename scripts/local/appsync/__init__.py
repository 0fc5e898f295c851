"""What stands in for AppSync: authorization, real time, resolvers."""
