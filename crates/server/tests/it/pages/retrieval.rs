//! `GET /docs/retrieval`: the calls of shops' own systems to try out, and what the page says of
//! them in other languages, run for real.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use server::openapi::document;
use testkit::server::{Reply, TestServer};

use super::{assert_kept_at_home, loaded};
use crate::retrieval::rotate;

/// What breaks out of a text in one language or another.
const ODD: &str = "' \" \\ $HOME `id` $(id) \\n %s </script> <!-- ?> #{1} ${1}\n\té\u{2028}😀'";

/// The names of the calls, which are under both versions.
fn described_calls() -> Vec<String> {
    let description: Value = serde_json::from_str(document()).expect("it is JSON");
    let paths = description["paths"].as_object().expect("paths");
    let tagged = paths.iter().filter(|(_, item)| item["post"]["tags"][0] == "order retrieval");
    let (first, second): (Vec<_>, Vec<_>) =
        tagged.map(|(path, _)| path.as_str()).partition(|it| it.starts_with("/v1/"));
    let bare = |path: &&str| path[4..].to_owned();
    let names: Vec<String> = first.iter().map(bare).collect();
    assert_eq!(names, second.iter().map(bare).collect::<Vec<_>>(), "alike under both");
    names
}

#[test]
fn the_page_has_every_call_of_the_description() {
    let server = TestServer::start();
    let page = server.get("/docs/retrieval").send();
    assert_kept_at_home(&page);
    let calls = described_calls();
    assert_eq!(calls.len(), 6, "{calls:?}");
    assert_eq!(page.body.matches("<section data-call=").count(), calls.len());
    for call in calls {
        assert!(page.body.contains(&format!("<option value=\"{call}\">")), "{call}");
        let section = section(&page, &call);
        let shown = section.split("<pre>").nth(1).and_then(|it| it.split("</pre>").next());
        let example: Value = serde_json::from_str(&unescaped(shown.unwrap())).expect(&call);
        let members = example.as_object().expect("an object");
        assert!(!members.is_empty(), "{call} has an example");
        assert!(!members.contains_key("store") && !members.contains_key("secret"), "{example}");
        for name in members.keys() {
            assert!(section.contains(&format!("<code>{name}</code>")), "{call}: {name}");
        }
        assert!(section.contains("<code>store</code>"), "{section}");
        assert!(!section.contains("<td></td>"), "each parameter is explained: {section}");
    }
    let cart = section(&page, "createTempCart");
    assert!(cart.contains("<code>items[].unitPrice</code>"), "{cart}");
    let status = section(&page, "updateVendorOrderStatus");
    assert!(status.contains("<code>VENDOR_SHIPMENT_READY</code>"), "{status}");
}

fn section<'p>(page: &'p Reply, call: &str) -> &'p str {
    let start = format!("<section data-call=\"{call}\">");
    let after = page.body.split(&start).nth(1).unwrap_or_else(|| panic!("{call}: {page}"));
    after.split("</section>").next().unwrap_or_default()
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn all_that_the_page_loads_is_a_file_of_ours() {
    let server = TestServer::start();
    let page = server.get("/docs/retrieval").send();
    let mut files = loaded(&page);
    files.push("/docs/assets/snippets.js".into());
    assert_eq!(files.len(), 4, "{files:?}");
    for path in files {
        let file = server.get(&path).send();
        assert_eq!(file.status, 200, "{path}");
        assert!(!file.body.contains("://"), "{path} names no other address");
        for kept in ["localStorage", "sessionStorage", "document.cookie", "history.", "innerHTML"] {
            assert!(!file.body.contains(kept), "{path}: {kept}");
        }
    }
    let scripts = page.body.split("<script").skip(1);
    for script in scripts {
        let (tag, inside) = script.split_once('>').unwrap();
        assert!(tag.contains(" src=\"/docs/assets/"), "{script}");
        assert!(inside.starts_with("</script>"), "nothing stands in it: {script}");
    }
    for inline in [" style=", "<style", " onclick=", " onsubmit=", "javascript:"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
    assert!(page.body.contains("<noscript>"), "{page}");
}

#[test]
fn fields_have_labels_and_are_sent_by_the_script_alone() {
    let page = TestServer::start().get("/docs/retrieval").send();
    for field in ["store", "secret", "call", "body", "language"] {
        assert!(page.body.contains(&format!("for=\"{field}\"")), "{field} has a label");
        assert!(page.body.contains(&format!(" id=\"{field}\"")), "{field}");
        assert!(!page.body.contains(&format!(" name=\"{field}\"")), "no form may send {field}");
    }
}

#[test]
fn pages_lead_to_each_other() {
    let server = TestServer::start();
    for (from, to) in [
        ("/docs", "/docs/retrieval"),
        ("/problems", "/docs/retrieval"),
        ("/docs/retrieval", "/docs"),
        ("/docs/retrieval", "/openapi.json"),
    ] {
        let page = server.get(from).send();
        assert!(page.body.contains(&format!("href=\"{to}\"")), "{from} leads to {to}");
    }
}

/// The page's script of snippets, as the server has it, in a folder of its own.
struct Snippets {
    folder: tempfile::TempDir,
}

impl Snippets {
    fn of(server: &TestServer) -> Snippets {
        let folder = tempfile::tempdir().expect("a folder");
        let script = server.get("/docs/assets/snippets.js").send().body;
        fs::write(folder.path().join("snippets.mjs"), script).expect("it is written");
        Snippets { folder }
    }

    /// What an expression of the script's functions comes to, with these arguments as `it`.
    #[track_caller]
    fn eval(&self, expression: &str, arguments: &[&str]) -> String {
        let program = format!(
            "import * as snippets from './snippets.mjs';
             const it = process.argv.slice(1);
             process.stdout.write({expression});"
        );
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", &program, "--"]).args(arguments);
        printed(&mut node, self.folder.path())
    }

    #[track_caller]
    fn body(&self, store: &str, secret: &str, edited: &str) -> String {
        self.eval("snippets.bodyOf(...it)", &[store, secret, edited])
    }

    /// What a call looks like in a language, and what that prints when it is run.
    #[track_caller]
    fn run(&self, language: &str, address: &str, body: &str) -> String {
        let expression = format!("snippets.LANGUAGES.{language}(...it)");
        let snippet = self.eval(&expression, &[address, body]);
        let mut program = match language {
            "curl" => Command::new("bash"),
            "python" => Command::new("python3"),
            "javascript" => Command::new("node"),
            other => panic!("no program for {other}"),
        };
        let args: &[&str] = match language {
            "javascript" => &["--input-type=module", "-e"],
            _ => &["-c"],
        };
        program.args(args).arg(snippet).env("NO_PROXY", "*").env("no_proxy", "*");
        printed(&mut program, self.folder.path())
    }
}

#[track_caller]
fn printed(program: &mut Command, folder: &Path) -> String {
    let run = program.current_dir(folder).output().expect("the program is there");
    let Output { status, stdout, stderr } = run;
    assert!(status.success(), "{program:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("it prints UTF-8")
}

/// The document at the end of what was printed.
#[track_caller]
fn document_of(printed: &str) -> Value {
    let start = printed.find("{\"").unwrap_or_else(|| panic!("no document: {printed}"));
    serde_json::from_str(&printed[start..]).unwrap_or_else(|it| panic!("{it}: {printed}"))
}

/// The server tells back what it was asked for: every character has come through.
#[test]
fn other_programs_send_what_the_page_sends() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    let secret = rotate(&server, 1);
    let snippets = Snippets::of(&server);
    let odd = serde_json::json!({ "referenceId": ODD }).to_string();
    let odd = snippets.body("1", &secret, &odd);
    let numbers = snippets.body("1", &secret, r#"{"sinceOrderId": 0}"#);
    for language in ["curl", "python", "javascript"] {
        let address = |call: &str| format!("http://{}/v1/{call}", server.address());
        let printed = snippets.run(language, &address("orderDetail"), &odd);
        assert!(printed.contains("400"), "{language}: {printed}");
        let told = format!("Could not find an order with referenceId: {ODD}");
        assert_eq!(document_of(&printed)["error"], told, "{language}");
        let printed = snippets.run(language, &address("orderNumbers"), &numbers);
        assert!(printed.contains("200"), "{language}: {printed}");
        assert_eq!(document_of(&printed)["orders"][0]["id"], "1-1", "{language}");
    }
}

/// The body itself may be laid out oddly, and what is no JSON text at all is quoted as well.
#[test]
fn every_language_quotes_every_character() {
    let server = TestServer::start();
    let snippets = Snippets::of(&server);
    let address = "http://127.0.0.1/v1/orderDetail";
    let read = |language: &str, from: &str, to: &str| {
        let expression = format!("snippets.LANGUAGES.{language}(...it)");
        let snippet = snippets.eval(&expression, &[address, ODD]);
        let (_, after) = snippet.split_once(from).unwrap_or_else(|| panic!("{snippet}"));
        after.split_once(to).unwrap_or_else(|| panic!("{snippet}")).0.to_owned()
    };
    let run = |program: &str, args: &[&str], text: &str| {
        printed(Command::new(program).args(args).arg(text), snippets.folder.path())
    };
    let shell = snippets.eval("snippets.LANGUAGES.curl(...it)", &[address, ODD]);
    let (_, shell) = shell.split_once("--data-raw ").expect("its body");
    assert_eq!(run("bash", &["-c"], &format!("printf %s {shell}")), ODD);
    let python = read("python", "body = (", "\n)\nrequest");
    let print = format!("import sys; sys.stdout.buffer.write(({python}).encode())");
    assert_eq!(run("python3", &["-c"], &print), ODD);
    let script = read("javascript", "const body =", ";\nconst answer");
    assert!(!script.contains("</") && !script.contains("<!"), "it may stand in a page: {script}");
    assert_eq!(run("node", &["-e"], &format!("process.stdout.write({script})")), ODD);
    // Between single quotes PHP reads these two and no others.
    let php = read("php", "$body = '", "';\n$call");
    assert_eq!(php.replace("\\'", "'").replace("\\\\", "\\"), ODD);
    let unpaired = php.replace("\\\\", "").replace("\\'", "");
    assert!(!unpaired.contains('\''), "no quote ends the text: {php}");
}

#[test]
fn store_and_secret_are_put_before_what_was_edited() {
    let snippets = Snippets::of(&TestServer::start());
    let check = |store: &str, secret: &str, edited: &str, expected: &str| {
        assert_eq!(snippets.body(store, secret, edited), expected, "{store} {secret} {edited}");
    };
    let price = "{\n  \"unitPrice\": 10.00\n}";
    check("7", "s", price, "{\n  \"store\": 7,\n  \"secret\": \"s\",\n  \"unitPrice\": 10.00\n}");
    check("1", "", "{}", "{\n  \"store\": 1\n}");
    check("x\"", "", "", "{\n  \"store\": \"x\\\"\"\n}");
    check("1", "s", r#"{"storeId": 2, "secret": ""}"#, r#"{"storeId": 2, "secret": ""}"#);
    check("", "\\", r#"{"a": 1}"#, "{\n  \"secret\": \"\\\\\",\n  \"a\": 1}");
    let told = |edited: &str| {
        let tried = "(() => { try { return snippets.bodyOf('1', 's', it[0]) }
                     catch (error) { return error.message } })()";
        snippets.eval(tried, &[edited])
    };
    assert!(told("{\"a\": }").starts_with("This is not JSON: "));
    for other in ["[]", "null", "7"] {
        assert!(told(other).starts_with("The body has to be an object"), "{other}");
    }
}

#[test]
fn an_answer_is_laid_out_without_touching_its_values() {
    let snippets = Snippets::of(&TestServer::start());
    let pretty = |text: &str| snippets.eval("snippets.pretty(it[0])", &[text]);
    let document = r#"{"a":75.00,"b":[],"c":[1e3,{"d":"x, {\"y\": [\\"}],"e":{}}"#;
    let expected = r#"{
  "a": 75.00,
  "b": [],
  "c": [
    1e3,
    {
      "d": "x, {\"y\": [\\"
    }
  ],
  "e": {}
}"#;
    assert_eq!(pretty(document), expected);
    assert_eq!(pretty("<h1>Not Acceptable</h1>"), "<h1>Not Acceptable</h1>");
}
