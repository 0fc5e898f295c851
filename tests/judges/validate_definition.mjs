// AWS's own language service on a state machine's definition: JSON on stdin, its diagnostics on stdout.
import { text } from 'node:stream/consumers';
import service from 'amazon-states-language-service';

const definition = await text(process.stdin);
const document = service.TextDocument.create('file:///order.asl.json', 'json', 1, definition);
const language = service.getLanguageService({});
const diagnostics = await language.doValidation(document, language.parseJSONDocument(document));
console.log(JSON.stringify(diagnostics.map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)));
