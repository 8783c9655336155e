// A certified issuer (npm oidc-provider) for tests, on this machine alone. It prints its address;
// each line that comes in on its standard input is a command:
//   keys KID…   publish these keys, and sign with the first of them
//   end
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, audience] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/package.json`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Provider } = await load("oidc-provider");
const { generateKeyPair, exportJWK } = await load("jose");

const made = new Map();
const key = async (kid) => {
  if (!made.has(kid)) {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    made.set(kid, { ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" });
  }
  return made.get(kid);
};

let provider;
const server = (await import("node:http")).createServer((request, response) =>
  provider.callback()(request, response),
);
server.listen(0, "127.0.0.1", async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  await publish(issuer, ["k1"]);
  console.log(issuer);
});

// A new provider with the same clients: its keys are what has changed.
async function publish(issuer, names) {
  provider = new Provider(issuer, {
    jwks: { keys: await Promise.all(names.map(key)) },
    clients: [
      {
        client_id: "erp",
        client_secret: "secret",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        scope: "orders:read",
      },
    ],
    scopes: ["orders:read"],
    ttl: { ClientCredentials: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: "orders:read",
          audience,
          accessTokenTTL: 300,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const [command, ...names] = line.trim().split(" ");
  if (command === "end") process.exit(0);
  await publish(`http://127.0.0.1:${server.address().port}`, names);
  console.log("published");
});
