#!/usr/bin/env bash
# A shop's day by HTTP: a catalogue is imported, a cart is filled, ordered and paid, its goods leave
# in two parcels and arrive, some of the money goes back, and in the evening the orders are listed,
# exported and followed. Each answer's essentials are printed; on a new database they are the same
# every day, whichever database it is.
#
#   H=http://127.0.0.1:8080 JANE=… JOE=… STAFF=… examples/shop-day.sh
#
# JANE and JOE are tokens of customers (orderd token --sub jane), STAFF is the shop's (--sub boss
# --scope staff). The server is orderd serve on a new database, without --demo: the payment provider
# is the sandbox, and staff play the customer's side of it. It needs curl.
set -euo pipefail
: "${H:=http://127.0.0.1:8080}" "${JANE:?a token of jane}" "${JOE:?a token of joe}"
: "${STAFF:?a token of staff}"
run="day-$RANDOM$RANDOM$RANDOM" step=0

# call TOKEN METHOD PATH [BODY [TYPE]]: prints the body; what is not 2xx ends the script.
call() {
  local arguments=(-sS --fail-with-body -X "$2" "$H$3" -H "Authorization: Bearer $1")
  if [ $# -gt 3 ]; then
    arguments+=(-H "Content-Type: ${5:-application/json}" --data-binary "$4")
  fi
  step=$((step + 1))
  curl "${arguments[@]}" -H "Idempotency-Key: $run-$BASHPID-$step"
}

# value NAME: what the first field of this name says in the JSON document on stdin.
value() {
  { grep -oE "\"$1\": *(\"[^\"]*\"|[^][{},\"]+)" || true; } |
    sed -n '1{s/^"[^"]*": *//; s/^"\(.*\)"$/\1/; p}'
}

# tell WHAT NAME…: these fields of the JSON document on stdin, on a line.
tell() {
  local document line="$1:" name
  document=$(cat)
  for name in "${@:2}"; do line+=" $name=$(value "$name" <<<"$document")"; done
  echo "$line"
}

# The same without the items, which have fields of the same names.
tell_whole() {
  sed 's/"items":\[[^]]*\],//' | tell "$@"
}

# until_is ORDER NAME VALUE: waits until a field of an order says so.
until_is() {
  local found
  for _ in {1..200}; do
    found=$(call "$STAFF" GET "/api/orders/$1" | value "$2")
    if [ "$found" = "$3" ]; then return; fi
    sleep 0.05
  done
  echo "$2 of $1 is $found, not $3" >&2
  exit 1
}

# listed WHAT QUERY: the ids of the orders that staff are shown, and how many there are.
listed() {
  local found
  found=$(call "$STAFF" GET "/api/orders?count=true&$2")
  echo "$1:" $({ grep -o '"order_id":"[^"]*"' <<<"$found" || true; } | cut -d'"' -f4) \
    "of $(value count <<<"$found")"
}

echo "== morning: the catalogue"
call "$STAFF" POST /api/products/import '
{"product_id": "cable", "name": "USB Cable", "sku": "USB-C-1M", "price": 10.00, "on_hand": 50}
{"product_id": "mouse", "name": "Wireless Mouse", "price": 45, "variants": [{"variant_id": "black", "name": "black", "on_hand": 8}, {"variant_id": "gold", "name": "gold", "price": 60.00, "on_hand": 2}]}
{"product_id": "ghost", "name": "Ghost"}
{"product_id": "phones", "name": "Premium Headphones", "price": 199.99, "low_stock_at": 1, "on_hand": 1}
' application/x-ndjson | tell "lines of JSON" imported failed line pointer code
call "$STAFF" POST /api/products/import $'product_id,name,price,active,on_hand
lamp,"Lamp, green",20.00,true,5
rug,Rug,80.00,false,3
' text/csv | tell "a table" imported failed
call "$STAFF" PUT /api/delivery-methods/standard '{"name": "Standard", "price": 10}' |
  tell "delivery" delivery_method_id name price
call "$STAFF" PUT /api/delivery-methods/express \
  '{"name": "Express", "price": 25, "countries": ["US"]}' |
  tell "delivery" delivery_method_id name price
call "$STAFF" PUT "/api/stock/phones?location_id=oslo" '{"on_hand": 2}' |
  tell "headphones in Oslo" on_hand reserved available
call "$STAFF" GET /api/stock/phones | tell "headphones" on_hand reserved available

echo "== noon: Jane's cart"
address='{"name": "Jane Doe", "address": "123 Main St", "city": "New York", "state": "NY",
          "zip": "10001", "country": "US"}'
call "$JANE" PUT /api/carts/basket "{\"items\": [
    {\"product_id\": \"cable\", \"quantity\": 3},
    {\"product_id\": \"mouse\", \"variant_id\": \"black\", \"quantity\": 1}],
  \"shipping_address\": $address, \"contact\": {\"email\": \"jane@example.com\"}}" |
  tell_whole "filled" status subtotal shipping_total total version
call "$JANE" PUT /api/carts/basket/items '{"items": [
    {"product_id": "cable", "quantity": 2},
    {"product_id": "mouse", "variant_id": "black", "quantity": 1},
    {"product_id": "phones", "quantity": 1}]}' |
  tell_whole "changed" subtotal shipping_total total version
call "$JANE" GET /api/carts/basket |
  grep -o '"name":"[^"]*","total":[0-9.]*,"available":[0-9]*'
placed=$(call "$JANE" POST /api/orders '{"cart_id": "basket", "payment_method": "credit_card"}')
tell "ordered" status message <<<"$placed"
order=$(value order_id <<<"$placed")
call "$JANE" GET "/api/orders/$order" | tell "$order" status payment_status shipping_status total
again=$(call "$JANE" POST /api/orders '{"cart_id": "basket"}' || true)
tell "again" status code order_id <<<"$again"

echo "== it is paid"
payable=$(call "$JANE" POST "/api/orders/$order/payments" '{}')
tell "to be paid" orderId totalAmount <<<"$payable"
secret=$(value clientSecret <<<"$payable")
call "$STAFF" POST "/sandbox/payments/${secret%%_secret_*}/confirm" | tell "the provider" state
until_is "$order" payment_status paid
paid=$(call "$JANE" GET "/api/orders/$order")
tell "$order" status payment_status paid_total retrieval_id <<<"$paid"
invoice=$(value invoice_number <<<"$paid")
echo "invoice: ${invoice%%-*}-…-${invoice##*-}"

echo "== it leaves in two parcels"
call "$STAFF" POST "/api/orders/$order/shipments" '{"items": [{"line": 1, "quantity": 1},
  {"line": 2, "quantity": 1}], "carrier": "ups", "tracking_number": "1Z999"}' |
  tell "a part" shipment_id status carrier tracking_number
call "$STAFF" GET "/api/orders/$order" | tell "$order" status shipping_status
call "$STAFF" POST "/api/orders/$order/shipments" '{"carrier": "dhl"}' |
  tell "the rest" shipment_id status carrier tracking_number
call "$STAFF" GET "/api/orders/$order" | tell "$order" status shipping_status
number="${order#ORD}"
for parcel in "shp_${number}_1" "shp_${number}_2"; do
  call "$STAFF" PATCH "/api/orders/$order/shipments/$parcel" '{"status": "delivered"}' |
    tell "arrived" shipment_id status
done
call "$JANE" GET "/api/orders/$order" | tell "$order" status shipping_status

echo "== a part of the money goes back"
call "$STAFF" POST "/api/orders/$order/refunds" '{"items": [{"line": 2, "quantity": 1}],
  "shipping": 2.50, "restock": true, "reason": "scratched"}' |
  tell "refund" refund_id payment_id amount method shipping
until_is "$order" payment_status partially_refunded
call "$JANE" GET "/api/orders/$order" |
  tell "$order" status payment_status total paid_total refunded_total
too_much=$(call "$STAFF" POST "/api/orders/$order/refunds" '{"amount": 500}' || true)
tell "too much" status code <<<"$too_much"

echo "== Joe orders too"
joes() {
  call "$JOE" POST /api/orders "{\"items\": [$1], \"payment_method\": \"cash_on_delivery\",
    \"shipping_address\": ${address/Jane Doe/Joe Bloggs}}"
}
joes '{"product_id": "lamp", "quantity": 2}, {"product_id": "cable", "quantity": 1}'
joes '{"product_id": "phones", "quantity": 2}'
none_left=$(joes '{"product_id": "phones", "quantity": 1}' || true)
tell "too late" status code detail <<<"$none_left"
second="ORD$((number + 1))" third="ORD$((number + 2))"
call "$STAFF" DELETE "/api/orders/$second?reason=changed%20mind" | tell "$second" message
call "$STAFF" PATCH "/api/orders/$third/paid"
call "$JOE" GET "/api/orders/$third" | tell "$third" status payment_status total

echo "== evening: lists"
for ready in "q=bloggs" "product_id=phones"; do
  for _ in {1..200}; do
    if [[ $(listed "" "$ready") == *" of 2" ]]; then break; fi
    sleep 0.05
  done
done
listed "all" "sort=created_at"
listed "delivered" "status=delivered"
listed "cancelled or delivered" "status=cancelled,delivered"
listed "partly refunded" "payment_status=partially_refunded"
listed "on the way" "shipping_status=processing"
listed "Joe's" "user_id=joe"
listed "of headphones" "product_id=phones"
listed "by a word" "q=bloggs"
listed "by tracking number" "q=1z999"
listed "dearest first" "sort=-total"
first=$(call "$STAFF" GET "/api/orders?sort=created_at&limit=2")
listed "the second page" "sort=created_at&limit=2&cursor=$(value next_cursor <<<"$first")"

echo "== exports"
echo "a table:"
curl -sS --fail-with-body "$H/api/orders?sort=created_at" -H "Authorization: Bearer $STAFF" \
  -H 'Accept: text/csv' | tr -d '\r' | cut -d, -f1,4-7,12,13,16-19
echo "lines of JSON:"
curl -sS --fail-with-body "$H/api/orders?sort=created_at" -H "Authorization: Bearer $STAFF" \
  -H 'Accept: application/x-ndjson' | while read -r line; do
  tell "a line" order_id status payment_status total refunded_total version <<<"$line"
done

echo "== what happened"
feed=$(call "$STAFF" GET "/api/events?after=0&limit=200")
grep -oE '"seq":[0-9]+,"type":"[^"]*"|"order_id":("[^"]*"|null)' <<<"$feed" |
  sed -E 's/"seq":([0-9]+),"type":"([^"]*)"/\1 \2/; s/"order_id":"?([^"]*)"?/\1/' | paste -d' ' - -
tell "the feed" last_seq <<<"$feed"
call "$STAFF" GET "/api/events?types=order.delivered" | tell "of one type" type last_seq
for shelf in cable "mouse?variant_id=black" phones lamp; do
  call "$STAFF" GET "/api/stock/$shelf" | tell "$shelf" on_hand reserved available
done
