/* What docs/clients.md says of node-postgres: node node.js EXAMPLE, a file with the example of the page. */
const { Client } = require('pg');
const fs = require('fs');

const customer = '00000000-0000-4000-8000-000000000003';

(async () => {
	const client = new Client();
	await client.connect();
	const AsyncFunction = (async () => {}).constructor;
	await new AsyncFunction('client', 'customer', fs.readFileSync(process.argv[2], 'utf8'))(client, customer);
	await client.end();
})().catch(error => {
	console.log(error.message);
	process.exitCode = 1;
});
