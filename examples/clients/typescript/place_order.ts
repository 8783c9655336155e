// Places an order and reads it, with a client whose types are made of the API's description. It takes
// nothing on trust: what the server may answer is what tsc lets it use.
//
//   npm install
//   npx openapi-typescript "$H/openapi.json" -o orderd.ts && npx tsc
//   H=http://127.0.0.1:8080 TOKEN=… node place_order.js
//
// TOKEN is a customer's (orderd token --sub user789). The shop is that of orderd serve --demo.
import createClient from "openapi-fetch";

import type { components, paths } from "./orderd.js";

type Schemas = components["schemas"];

declare const process: { env: Record<string, string | undefined> };

const client = createClient<paths>({
  baseUrl: process.env.H ?? "http://127.0.0.1:8080",
  headers: { Authorization: `Bearer ${process.env.TOKEN ?? ""}` },
});

function refused(problem: Schemas["Problem"] | string): Error {
  return new Error(typeof problem === "string" ? problem : `${problem.code}: ${problem.detail}`);
}

async function place(order: Schemas["PlaceOrder"]): Promise<string> {
  // Whoever sends the same key again gets the same order.
  const header = { "Idempotency-Key": crypto.randomUUID() };
  const { response, error } = await client.POST("/api/orders", { params: { header }, body: order });
  if (error !== undefined) throw refused(error);
  const id = response.headers.get("Location")?.split("/").pop();
  if (id === undefined) throw new Error("the order has no address");
  return id;
}

async function read(id: string): Promise<Schemas["Order"]> {
  const { data, error } = await client.GET("/api/orders/{id}", { params: { path: { id } } });
  if (error !== undefined) throw refused(error);
  return data;
}

const id = await place({
  items: [{ product_id: "p001", quantity: 2 }],
  delivery_method_id: "standard",
  payment_method: "cash_on_delivery",
  shipping_address: {
    name: "Jane Doe",
    address: "123 Main St",
    city: "New York",
    state: "NY",
    zip: "10001",
    country: "US",
  },
  metadata: { source: "typescript" },
});
const order = await read(id);
const lines = order.items.map((it) => `${it.quantity} x ${it.name}`).join(", ");
console.log(`${order.order_id} is ${order.status}: ${lines}, ${order.total.toFixed(2)} ${order.currency}`);
