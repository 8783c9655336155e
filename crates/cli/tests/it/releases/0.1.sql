CREATE TABLE admin_events (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    type       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    request_id TEXT NOT NULL,
    data       TEXT NOT NULL
);
INSERT INTO admin_events VALUES (1, 1795270432917, 'delivery_method.put', 1, 'staff:boss', '01a1fe74-d888-718a-bbcb-b83725bef772', '{"id":"standard","name":"Standard","price":500,"currency":"USD","countries":[],"active":true,"version":1}');
INSERT INTO admin_events VALUES (2, 1795270432920, 'product.put', 1, 'staff:boss', '01a1fe74-d898-75ea-b2ec-4163a68c2043', '{"id":"p0","name":"Product 0","price":100,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (3, 1795270432922, 'stock.changed', 1, 'staff:boss', '01a1fe74-d89a-74f3-8408-4e71bc641bba', '{"stock":{"product":"p0","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (4, 1795270432924, 'product.put', 1, 'staff:boss', '01a1fe74-d89c-70c1-9bad-fda7a6b04df2', '{"id":"p1","name":"Product 1","price":200,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (5, 1795270432926, 'stock.changed', 1, 'staff:boss', '01a1fe74-d89e-78f8-89ed-a736939aaa58', '{"stock":{"product":"p1","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (6, 1795270432929, 'product.put', 1, 'staff:boss', '01a1fe74-d8a1-7564-b9a3-2fb86a516be9', '{"id":"p2","name":"Product 2","price":300,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (7, 1795270432931, 'stock.changed', 1, 'staff:boss', '01a1fe74-d8a3-722d-832b-060691ddce04', '{"stock":{"product":"p2","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (8, 1795270432933, 'product.put', 1, 'staff:boss', '01a1fe74-d8a5-7ea1-978b-869faf7a2133', '{"id":"p3","name":"Product 3","price":400,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (9, 1795270432938, 'stock.changed', 1, 'staff:boss', '01a1fe74-d8aa-7cec-9cf9-0503d0f508fb', '{"stock":{"product":"p3","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (10, 1795270432941, 'product.put', 1, 'staff:boss', '01a1fe74-d8ac-75c7-8eb2-13ff121b550f', '{"id":"p4","name":"Product 4","price":500,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (11, 1795270432943, 'stock.changed', 1, 'staff:boss', '01a1fe74-d8af-7e4e-a7d3-59c0d11ec0b2', '{"stock":{"product":"p4","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (12, 1795270432945, 'product.put', 1, 'staff:boss', '01a1fe74-d8b1-7189-8e21-a70ee2f17028', '{"id":"p5","name":"Product 5","price":600,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (13, 1795270432947, 'stock.changed', 1, 'staff:boss', '01a1fe74-d8b3-7d23-bb56-47dca4280525', '{"stock":{"product":"p5","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (14, 1795270432951, 'product.put', 1, 'staff:boss', '01a1fe74-d8b6-7932-a22b-1b47f473562a', '{"id":"p6","name":"Product 6","price":700,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (15, 1795270432956, 'stock.changed', 1, 'staff:boss', '01a1fe74-d8bc-7682-8c75-13659c4557d6', '{"stock":{"product":"p6","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (16, 1795270432959, 'product.put', 1, 'staff:boss', '01a1fe74-d8be-7476-abec-387afbac7684', '{"id":"p7","name":"Product 7","price":800,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO admin_events VALUES (17, 1795270432961, 'stock.changed', 1, 'staff:boss', '01a1fe74-d8c0-7cd4-87e1-36939f2345d1', '{"stock":{"product":"p7","location":"main"},"delta":1000000,"on_hand":1000000}');
INSERT INTO admin_events VALUES (18, 1795270432964, 'customer.registered', 1, 'staff:boss', '01a1fe74-d8c3-7f17-9b0b-a5d88199c6ea', '{"id":"jane","registered_at":1795270432964}');
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('admin_event', 18);
INSERT INTO counters VALUES ('credit_note/1/2026', 1);
INSERT INTO counters VALUES ('event', 14);
INSERT INTO counters VALUES ('invoice/1/2026', 4);
INSERT INTO counters VALUES ('moment', 1795270432983);
INSERT INTO counters VALUES ('order', 4);
INSERT INTO counters VALUES ('retrieval/1', 4);
CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    document    TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO customers VALUES ('jane', '{"id":"jane","registered_at":1795270432964}');
CREATE TABLE delivery_methods (
    delivery_method_id TEXT PRIMARY KEY,
    document           TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO delivery_methods VALUES ('standard', '{"id":"standard","name":"Standard","price":500,"currency":"USD","countries":[],"active":true,"version":1}');
CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    store_id   INTEGER NOT NULL,
    order_no   INTEGER,
    type       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    request_id TEXT NOT NULL,
    data       TEXT NOT NULL
);
INSERT INTO events VALUES (1, 1795270432964, 1, 1, 'order.created', 1, 'staff:boss', '01a1fe74-d8c3-7f17-9b0b-a5d88199c6ea', '{"kind":"sale","customer":"jane","currency":"USD","lines":[{"no":1,"kind":"goods","product":"p1","name":"Product 1","quantity":2,"price":200,"total":400,"location":"main"},{"no":2,"kind":"goods","product":"p2","name":"Product 2","quantity":1,"price":300,"total":300,"location":"main"}],"shipping":{"method":"standard","amount":500},"total":1200,"payment_method":"cash_on_delivery","metadata":{"number":"1"}}');
INSERT INTO events VALUES (2, 1795270432964, 1, 1, 'order.confirmed', 1, 'staff:boss', '01a1fe74-d8c3-7f17-9b0b-a5d88199c6ea', '{"retrieval_no":1,"invoice":{"prefix":"INV","year":2026,"no":1},"on_account":false}');
INSERT INTO events VALUES (3, 1795270432967, 1, 2, 'order.created', 1, 'staff:boss', '01a1fe74-d8c6-7349-a9a0-2f0ffa5bb134', '{"kind":"sale","customer":"jane","currency":"USD","lines":[{"no":1,"kind":"goods","product":"p2","name":"Product 2","quantity":3,"price":300,"total":900,"location":"main"},{"no":2,"kind":"goods","product":"p3","name":"Product 3","quantity":1,"price":400,"total":400,"location":"main"}],"shipping":{"method":"standard","amount":500},"total":1800,"payment_method":"cash_on_delivery","metadata":{"number":"2"}}');
INSERT INTO events VALUES (4, 1795270432967, 1, 2, 'order.confirmed', 1, 'staff:boss', '01a1fe74-d8c6-7349-a9a0-2f0ffa5bb134', '{"retrieval_no":2,"invoice":{"prefix":"INV","year":2026,"no":2},"on_account":false}');
INSERT INTO events VALUES (5, 1795270432970, 1, 3, 'order.created', 1, 'staff:boss', '01a1fe74-d8c9-7a71-b928-c0c7aacea774', '{"kind":"sale","customer":"jane","currency":"USD","lines":[{"no":1,"kind":"goods","product":"p3","name":"Product 3","quantity":1,"price":400,"total":400,"location":"main"},{"no":2,"kind":"goods","product":"p4","name":"Product 4","quantity":1,"price":500,"total":500,"location":"main"}],"shipping":{"method":"standard","amount":500},"total":1400,"payment_method":"cash_on_delivery","metadata":{"number":"3"}}');
INSERT INTO events VALUES (6, 1795270432970, 1, 3, 'order.confirmed', 1, 'staff:boss', '01a1fe74-d8c9-7a71-b928-c0c7aacea774', '{"retrieval_no":3,"invoice":{"prefix":"INV","year":2026,"no":3},"on_account":false}');
INSERT INTO events VALUES (7, 1795270432972, 1, 4, 'order.created', 1, 'staff:boss', '01a1fe74-d8cc-7825-8c64-cec903568608', '{"kind":"sale","customer":"jane","currency":"USD","lines":[{"no":1,"kind":"goods","product":"p4","name":"Product 4","quantity":2,"price":500,"total":1000,"location":"main"},{"no":2,"kind":"goods","product":"p5","name":"Product 5","quantity":1,"price":600,"total":600,"location":"main"}],"shipping":{"method":"standard","amount":500},"total":2100,"payment_method":"cash_on_delivery","metadata":{"number":"4"}}');
INSERT INTO events VALUES (8, 1795270432972, 1, 4, 'order.confirmed', 1, 'staff:boss', '01a1fe74-d8cc-7825-8c64-cec903568608', '{"retrieval_no":4,"invoice":{"prefix":"INV","year":2026,"no":4},"on_account":false}');
INSERT INTO events VALUES (9, 1795270432975, 1, 2, 'shipment.created', 1, 'staff:boss', '01a1fe74-d8cf-7dc9-895e-d4b1d5842cd9', '{"shipment":{"id":"shp_2_1","items":[{"line":1,"quantity":3},{"line":2,"quantity":1}],"at":1795270432975}}');
INSERT INTO events VALUES (10, 1795270432975, 1, 2, 'order.shipped', 1, 'staff:boss', '01a1fe74-d8cf-7dc9-895e-d4b1d5842cd9', '{}');
INSERT INTO events VALUES (11, 1795270432978, 1, 3, 'shipment.created', 1, 'staff:boss', '01a1fe74-d8d2-7e7d-b988-e1e4c5d27625', '{"shipment":{"id":"shp_3_1","items":[{"line":1,"quantity":1},{"line":2,"quantity":1}],"at":1795270432978}}');
INSERT INTO events VALUES (12, 1795270432978, 1, 3, 'order.shipped', 1, 'staff:boss', '01a1fe74-d8d2-7e7d-b988-e1e4c5d27625', '{}');
INSERT INTO events VALUES (13, 1795270432981, 1, 3, 'order.delivered', 1, 'staff:boss', '01a1fe74-d8d4-74b0-ba1b-d2ea57b294f3', '{}');
INSERT INTO events VALUES (14, 1795270432983, 1, 4, 'order.cancelled', 1, 'staff:boss', '01a1fe74-d8d7-7b50-83fe-418efb4f1dcf', '{"cause":"staff","credit_note":{"prefix":"INV-CN","year":2026,"no":1}}');
CREATE TABLE idempotency (
    id          INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    at          INTEGER NOT NULL,
    answer      BLOB NOT NULL
);
INSERT INTO idempotency VALUES (1, X'D286009BB49FB55CC67274760932A595', X'2AEAA345239055E6E2386CEC4D221148', 1795270432964, X'7B22737461747573223A3230342C226C6F636174696F6E223A222F6170692F6F72646572732F4F524431222C2265746167223A225C22325C22227D');
INSERT INTO idempotency VALUES (2, X'A2B6FFF11EF5E0AD5884BF6B809CA323', X'59074FD0F99AAC2AFDF767EB058A80B0', 1795270432967, X'7B22737461747573223A3230342C226C6F636174696F6E223A222F6170692F6F72646572732F4F524432222C2265746167223A225C22325C22227D');
INSERT INTO idempotency VALUES (3, X'BB1EB1EB2F709CE3DB8D5249D42F8335', X'BFCB1A9283F33190B9AD3EF2BBC7E8AC', 1795270432970, X'7B22737461747573223A3230342C226C6F636174696F6E223A222F6170692F6F72646572732F4F524433222C2265746167223A225C22325C22227D');
INSERT INTO idempotency VALUES (4, X'D44A8EAC1632E42A59B80E205B76C70E', X'D3CF41A8CE031EA2FCEB1D93A53C5CF5', 1795270432972, X'7B22737461747573223A3230342C226C6F636174696F6E223A222F6170692F6F72646572732F4F524434222C2265746167223A225C22325C22227D');
CREATE TABLE idempotency_index (
    segment INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    id      INTEGER NOT NULL,
    PRIMARY KEY (segment, hash)
) WITHOUT ROWID;
CREATE TABLE idempotency_segments (
    segment INTEGER PRIMARY KEY,
    last_id INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    filter  BLOB NOT NULL
);
CREATE TABLE orders (
    no              INTEGER PRIMARY KEY,
    store_id        INTEGER NOT NULL,
    customer_id     TEXT,
    status          TEXT NOT NULL,
    payment_status  TEXT NOT NULL,
    shipping_status TEXT NOT NULL,
    total           INTEGER NOT NULL,
    retrieval_no    INTEGER,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    document        TEXT NOT NULL
);
INSERT INTO orders VALUES (1, 1, 'jane', 'confirmed', 'unpaid', 'processing', 1200, 1, 2, 1795270432964, 1795270432964, '{"no":1,"kind":"sale","store":1,"customer":"jane","status":"confirmed","shipping_status":"processing","review_status":"none","on_hold":false,"currency":"USD","lines":[{"no":1,"kind":"goods","product":"p1","name":"Product 1","quantity":2,"price":200,"total":400,"location":"main"},{"no":2,"kind":"goods","product":"p2","name":"Product 2","quantity":1,"price":300,"total":300,"location":"main"}],"shipping":{"method":"standard","amount":500},"total":1200,"payment_method":"cash_on_delivery","on_account":false,"retrieval_no":1,"invoice":{"prefix":"INV","year":2026,"no":1},"metadata":{"number":"1"},"version":2,"created_at":1795270432964,"updated_at":1795270432964,"confirmed_at":1795270432964}');
INSERT INTO orders VALUES (2, 1, 'jane', 'shipped', 'unpaid', 'shipped', 1800, 2, 4, 1795270432967, 1795270432975, '{"no":2,"kind":"sale","store":1,"customer":"jane","status":"shipped","shipping_status":"shipped","review_status":"none","on_hold":false,"currency":"USD","lines":[{"no":1,"kind":"goods","product":"p2","name":"Product 2","quantity":3,"price":300,"total":900,"location":"main","counts":{"cancelled":0,"shipped":3,"returned":0,"refunded":0}},{"no":2,"kind":"goods","product":"p3","name":"Product 3","quantity":1,"price":400,"total":400,"location":"main","counts":{"cancelled":0,"shipped":1,"returned":0,"refunded":0}}],"shipping":{"method":"standard","amount":500},"total":1800,"payment_method":"cash_on_delivery","on_account":false,"shipments":[{"id":"shp_2_1","items":[{"line":1,"quantity":3},{"line":2,"quantity":1}],"at":1795270432975}],"retrieval_no":2,"invoice":{"prefix":"INV","year":2026,"no":2},"metadata":{"number":"2"},"version":4,"created_at":1795270432967,"updated_at":1795270432975,"confirmed_at":1795270432967,"shipped_at":1795270432975}');
INSERT INTO orders VALUES (3, 1, 'jane', 'delivered', 'unpaid', 'delivered', 1400, 3, 5, 1795270432970, 1795270432981, '{"no":3,"kind":"sale","store":1,"customer":"jane","status":"delivered","shipping_status":"delivered","review_status":"none","on_hold":false,"currency":"USD","lines":[{"no":1,"kind":"goods","product":"p3","name":"Product 3","quantity":1,"price":400,"total":400,"location":"main","counts":{"cancelled":0,"shipped":1,"returned":0,"refunded":0}},{"no":2,"kind":"goods","product":"p4","name":"Product 4","quantity":1,"price":500,"total":500,"location":"main","counts":{"cancelled":0,"shipped":1,"returned":0,"refunded":0}}],"shipping":{"method":"standard","amount":500},"total":1400,"payment_method":"cash_on_delivery","on_account":false,"shipments":[{"id":"shp_3_1","items":[{"line":1,"quantity":1},{"line":2,"quantity":1}],"at":1795270432978,"delivered_at":1795270432981}],"retrieval_no":3,"invoice":{"prefix":"INV","year":2026,"no":3},"metadata":{"number":"3"},"version":5,"created_at":1795270432970,"updated_at":1795270432981,"confirmed_at":1795270432970,"shipped_at":1795270432978,"delivered_at":1795270432981}');
INSERT INTO orders VALUES (4, 1, 'jane', 'cancelled', 'unpaid', 'cancelled', 2100, 4, 3, 1795270432972, 1795270432983, '{"no":4,"kind":"sale","store":1,"customer":"jane","status":"cancelled","shipping_status":"cancelled","review_status":"none","on_hold":false,"currency":"USD","lines":[{"no":1,"kind":"goods","product":"p4","name":"Product 4","quantity":2,"price":500,"total":1000,"location":"main","counts":{"cancelled":2,"shipped":0,"returned":0,"refunded":0}},{"no":2,"kind":"goods","product":"p5","name":"Product 5","quantity":1,"price":600,"total":600,"location":"main","counts":{"cancelled":1,"shipped":0,"returned":0,"refunded":0}}],"shipping":{"method":"standard","amount":500},"total":2100,"payment_method":"cash_on_delivery","on_account":false,"retrieval_no":4,"invoice":{"prefix":"INV","year":2026,"no":4},"credit_note":{"prefix":"INV-CN","year":2026,"no":1},"metadata":{"number":"4"},"version":3,"created_at":1795270432972,"updated_at":1795270432983,"confirmed_at":1795270432972,"cancelled_at":1795270432983,"cancelled_by":"staff"}');
CREATE TABLE orders_by_customer (
    customer_id TEXT NOT NULL,
    no          INTEGER NOT NULL,
    PRIMARY KEY (customer_id, no)
) WITHOUT ROWID;
CREATE TABLE persons (
    order_no INTEGER PRIMARY KEY,
    document TEXT NOT NULL
);
INSERT INTO persons VALUES (1, '{"shipping_address":{"address":"123 Main St","city":"New York","state":"NY","zip":"10001","country":"US"},"contact":{}}');
INSERT INTO persons VALUES (2, '{"shipping_address":{"address":"123 Main St","city":"New York","state":"NY","zip":"10001","country":"US"},"contact":{}}');
INSERT INTO persons VALUES (3, '{"shipping_address":{"address":"123 Main St","city":"New York","state":"NY","zip":"10001","country":"US"},"contact":{}}');
INSERT INTO persons VALUES (4, '{"shipping_address":{"address":"123 Main St","city":"New York","state":"NY","zip":"10001","country":"US"},"contact":{}}');
CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    active     INTEGER NOT NULL,
    document   TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO products VALUES ('p0', 1, '{"id":"p0","name":"Product 0","price":100,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p1', 1, '{"id":"p1","name":"Product 1","price":200,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p2', 1, '{"id":"p2","name":"Product 2","price":300,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p3', 1, '{"id":"p3","name":"Product 3","price":400,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p4', 1, '{"id":"p4","name":"Product 4","price":500,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p5', 1, '{"id":"p5","name":"Product 5","price":600,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p6', 1, '{"id":"p6","name":"Product 6","price":700,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
INSERT INTO products VALUES ('p7', 1, '{"id":"p7","name":"Product 7","price":800,"currency":"USD","active":true,"requires_shipping":true,"track_stock":true,"weight_grams":0,"delivery_methods":[],"variants":[],"metadata":{},"version":1}');
CREATE TABLE projections (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
INSERT INTO refinery_schema_history VALUES (1, 'orders', '2026-11-21T14:13:52.861859365Z', '14788189500459819204');
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE shelves (
    product_id  TEXT NOT NULL,
    variant_id  TEXT NOT NULL,
    location_id TEXT NOT NULL,
    shelf       INTEGER NOT NULL,
    PRIMARY KEY (product_id, variant_id, location_id)
) WITHOUT ROWID;
INSERT INTO shelves VALUES ('p0', '', 'main', 1);
INSERT INTO shelves VALUES ('p1', '', 'main', 2);
INSERT INTO shelves VALUES ('p2', '', 'main', 3);
INSERT INTO shelves VALUES ('p3', '', 'main', 4);
INSERT INTO shelves VALUES ('p4', '', 'main', 5);
INSERT INTO shelves VALUES ('p5', '', 'main', 6);
INSERT INTO shelves VALUES ('p6', '', 'main', 7);
INSERT INTO shelves VALUES ('p7', '', 'main', 8);
CREATE TABLE stock (
    shelf    INTEGER PRIMARY KEY,
    on_hand  INTEGER NOT NULL,
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    version  INTEGER NOT NULL,
    CHECK (on_hand >= reserved)
);
INSERT INTO stock VALUES (1, 1000000, 0, 1);
INSERT INTO stock VALUES (2, 1000000, 2, 2);
INSERT INTO stock VALUES (3, 999997, 1, 4);
INSERT INTO stock VALUES (4, 999998, 0, 5);
INSERT INTO stock VALUES (5, 999999, 0, 5);
INSERT INTO stock VALUES (6, 1000000, 0, 3);
INSERT INTO stock VALUES (7, 1000000, 0, 1);
INSERT INTO stock VALUES (8, 1000000, 0, 1);
CREATE TABLE stores (
    store_id INTEGER PRIMARY KEY,
    document TEXT NOT NULL
);
INSERT INTO stores VALUES (1, '{"id":1,"name":"Store 1","currency":"USD","time_zone":"UTC","invoice_prefix":"INV"}');
CREATE INDEX events_by_order ON events (order_no, seq) WHERE order_no IS NOT NULL;
CREATE UNIQUE INDEX orders_by_retrieval ON orders (store_id, retrieval_no)
    WHERE retrieval_no IS NOT NULL;
CREATE INDEX orders_by_status ON orders (status, no);
