use super::*;

fn html(change: impl FnOnce(&mut Form<'static>)) -> String {
    let scope = "openid orders:read orders:write profile".parse();
    let mut form = Form {
        action: "/authorize/decision",
        style: "/style.css",
        issuer_name: "login.example",
        client: "The Web Shop",
        client_host: "shop.example",
        scope: Box::leak(Box::new(scope.expect("a scope"))),
        resource: "https://api.example",
        ticket: "ticket",
        user: "",
        problem: None,
    };
    change(&mut form);
    form.html()
}

#[track_caller]
fn assert_contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "expected {part}, found {html}");
    }
}

#[test]
fn the_form_says_who_requests_what_and_where_it_leads() {
    let parts = [
        "<title>Sign in to allow The Web Shop</title>",
        "<h1>Sign in to allow <bdi>The Web Shop</bdi></h1>",
        "Use your account at <strong>login.example</strong>.",
        "permissions at <strong>https://api.example</strong>:",
        "<li>Know who you are</li><li>See your orders</li><li>Change and delete your orders</li>\
         <li><code>profile</code></li>",
        "You will be sent back to <strong>shop.example</strong>.",
    ];
    let html = html(|_| {});
    assert_contains(&html, &parts);
    for absent in ["autofocus", "aria-", "role=", "maxlength", "<script"] {
        assert!(!html.contains(absent), "{absent}");
    }
}

#[test]
fn without_a_scope_the_request_is_for_access() {
    let none: &Scope = Box::leak(Box::default());
    let html = html(|form| form.scope = none);
    let parts = ["The application requests access to <strong>https://api.example</strong>.</p><p>"];
    assert_contains(&html, &parts);
    assert!(!html.contains("<ul>"));
}

#[test]
fn a_loopback_address_is_this_computer() {
    for (host, expected) in [
        ("127.0.0.1", "this computer"),
        ("127.0.0.1:8082", "this computer"),
        ("[::1]:8082", "this computer"),
        ("localhost:8082", "this computer"),
        ("shop.example:8443", "shop.example:8443"),
        ("localhost.shop.example", "localhost.shop.example"),
        ("127.0.0.10", "127.0.0.10"),
        ("com.example.app", "com.example.app"),
    ] {
        assert_eq!(destination(host), expected);
    }
}

#[test]
fn an_error_is_in_the_title_and_describes_the_focused_password() {
    let wrong = html(|form| form.problem = Some(Problem::WrongPassword));
    let parts = [
        "<title>Wrong username or password - Sign in to allow The Web Shop</title>",
        "<p class=\"problem\" id=\"problem\" role=\"alert\">Wrong username or password.</p>",
        "required aria-invalid=\"true\" aria-describedby=\"problem\" autofocus>",
    ];
    assert_contains(&wrong, &parts);
    assert_eq!(wrong.matches("aria-invalid").count(), 2);

    let wait = html(|form| form.problem = Some(Problem::Wait { seconds: 8 }));
    let parts = [
        "<title>Too many attempts - Sign in to allow The Web Shop</title>",
        "role=\"alert\">Too many attempts. Try again in 8 seconds.</p>",
        "required aria-describedby=\"problem\" autofocus>",
    ];
    assert_contains(&wait, &parts);
    assert!(
        !wait.contains("aria-invalid"),
        "the password was not checked"
    );
}

#[test]
fn times_are_in_seconds_or_minutes() {
    for (seconds, expected) in [
        (0, "1 second"),
        (1, "1 second"),
        (2, "2 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (121, "3 minutes"),
        (900, "15 minutes"),
        (u64::MAX, "307445734561825861 minutes"),
    ] {
        assert_eq!(time(seconds), expected);
    }
}
