#!/usr/bin/env bash
# A storefront's checkout in three steps: place the order, confirm its payment with the provider,
# mark it paid. The provider is the payment sandbox, so the second step is a call to it; with a real
# one it happens in the customer's browser, with the client secret.
#
#   H=http://127.0.0.1:8080 TOKEN=… STAFF=… examples/storefront.sh
#
# TOKEN is a customer's (orderd token --sub user789), STAFF opens the sandbox (--scope staff). The
# shop is that of orderd serve --demo. It needs curl.
set -euo pipefail
: "${H:=http://127.0.0.1:8080}" "${TOKEN:?a token of a customer}" "${STAFF:?a token of staff}"

# call TOKEN METHOD PATH [BODY]: prints the body; what is not 2xx ends the script.
call() {
  local arguments=(-sS --fail-with-body -X "$2" "$H$3" -H "Authorization: Bearer $1")
  if [ $# -gt 3 ]; then arguments+=(-H 'Content-Type: application/json' -d "$4"); fi
  curl "${arguments[@]}" -H "Idempotency-Key: $key-$step"
}

# text NAME: the text of the first field of this name in the JSON document on stdin.
text() {
  grep -o "\"$1\": *\"[^\"]*\"" | sed -n '1s/.*"\([^"]*\)"$/\1/p'
}

# Whoever runs this step again with the same key gets the same order and the same secret.
key="storefront-$RANDOM$RANDOM$RANDOM"

step=place
placed=$(call "$TOKEN" POST /api/orders/with-payment '{
  "deliveryMethodId": "standard",
  "deliveryAddress": {"name": "Jane Doe", "street": "123 Main St", "city": "New York",
                      "state": "NY", "zipCode": "10001", "country": "USA"},
  "items": [{"productId": "p001", "quantity": 2}],
  "notes": "Please ring doorbell upon delivery"}')
order=$(text orderId <<<"$placed")
secret=$(text clientSecret <<<"$placed")
echo "placed $order: $(call "$TOKEN" GET "/api/orders/$order" | text status)"

step=confirm
intent="${secret%%_secret_*}"
echo "the provider says: $(call "$STAFF" POST "/sandbox/payments/$intent/confirm" | text state)"

step=paid
# The provider's own callback may be faster: then this says that the order is paid already.
call "$TOKEN" PATCH "/api/orders/$order/paid" >/dev/null || true

found=$(call "$TOKEN" GET "/api/orders/$order")
echo "$order is $(text status <<<"$found") and $(text payment_status <<<"$found"):" \
  "invoice $(text invoice_number <<<"$found")"
