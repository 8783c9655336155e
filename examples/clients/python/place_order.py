"""Places an order and reads it, with a client that is made of the API's description.

    pip install -r requirements.txt
    openapi-python-client generate --url "$H/openapi.json" --meta none --output-path orderd_client
    H=http://127.0.0.1:8080 TOKEN=… python place_order.py

TOKEN is a customer's (orderd token --sub user789). The shop is that of orderd serve --demo.
"""

import os
import uuid

from orderd_client import AuthenticatedClient
from orderd_client.api.orders import get_order, place_order
from orderd_client.models import AddressBody, ItemBody, Order, PlaceOrder, Problem


def place(client: AuthenticatedClient, order: PlaceOrder) -> str:
    # Whoever sends the same key again gets the same order.
    response = place_order.sync_detailed(
        client=client, body=order, idempotency_key=str(uuid.uuid4())
    )
    if isinstance(response.parsed, Problem):
        raise SystemExit(f"{response.parsed.code}: {response.parsed.detail}")
    return response.headers["Location"].rsplit("/", 1)[-1]


def read(client: AuthenticatedClient, order_id: str) -> Order:
    order = get_order.sync(order_id, client=client)
    if not isinstance(order, Order):
        raise SystemExit(f"{order_id} can't be read: {order}")
    return order


def main() -> None:
    url = os.environ.get("H", "http://127.0.0.1:8080")
    with AuthenticatedClient(base_url=url, token=os.environ["TOKEN"]) as client:
        order_id = place(
            client,
            PlaceOrder(
                items=[ItemBody(product_id="p001", quantity=2)],
                delivery_method_id="standard",
                payment_method="cash_on_delivery",
                shipping_address=AddressBody(
                    name="Jane Doe",
                    address="123 Main St",
                    city="New York",
                    state="NY",
                    zip_="10001",
                    country="US",
                ),
            ),
        )
        order = read(client, order_id)
    lines = ", ".join(f"{it.quantity} x {it.name}" for it in order.items)
    print(f"{order.order_id} is {order.status.value}: {lines}, {order.total:.2f} {order.currency}")


if __name__ == "__main__":
    main()
