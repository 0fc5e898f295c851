// A DynamoDB with its tables in memory, on a port that the system chooses: the one in its only line of output.
import dynalite from 'dynalite';

const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
server.keepAliveTimeout = 0; // a client's idle connection stays open
server.listen(0, '127.0.0.1', () => console.log(`listens on ${server.address().port}`));
