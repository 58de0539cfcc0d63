// A store that speaks S3, for the trails of the tests: files in a directory, signatures verified.
//
//   node server.cjs DIRECTORY BUCKET...     prints its port; the access key comes in STORE_KEY_ID and STORE_SECRET
const S3rver = require("s3rver");
const Account = require("s3rver/lib/models/account");

const [directory, ...buckets] = process.argv.slice(2);
Account.DUMMY_ACCOUNT.createKeyPair(process.env.STORE_KEY_ID, process.env.STORE_SECRET);
const store = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory,
  configureBuckets: buckets.map((name) => ({ name, configs: [] })),
});
store.run().then(({ port }) => console.log(port));
