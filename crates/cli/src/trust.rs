//! From the settings to whose tokens count.

use std::sync::Arc;

use engine::keys::{FileKeys, HttpKeys, KeySource};
use server::auth::{FetchPace, IssuerSettings, Scopes, Trust};

use crate::settings::{Auth, Issuer};

pub(crate) async fn trust(auth: &Auth) -> Result<Trust, String> {
    let mut issuers = Vec::new();
    for issuer in &auth.issuers {
        let settings = settings(issuer).await;
        let named = |why| format!("the setting auth.issuers is wrong for {}: {why}", issuer.issuer);
        issuers.push(settings.map_err(named)?);
    }
    Ok(Trust { public_url: auth.public_url.clone(), issuers })
}

async fn settings(issuer: &Issuer) -> Result<IssuerSettings, String> {
    let unknown = issuer.may_grant.iter().find(|it| !Scopes::has_word(it));
    if let Some(unknown) = unknown {
        return Err(format!("may_grant names {unknown:?}, which is no scope"));
    }
    Ok(IssuerSettings {
        issuer: issuer.issuer.clone(),
        audience: issuer.audience.clone().into(),
        may_grant: Scopes::known(&issuer.may_grant.join(" ")),
        user_prefix: issuer.user_prefix.clone(),
        source: source(&issuer.jwks).await?,
        pace: FetchPace::default(),
    })
}

/// An issuer that is away does not keep the server from starting; a file that is away does.
async fn source(jwks: &str) -> Result<Arc<dyn KeySource>, String> {
    if jwks.contains("://") {
        return Ok(Arc::new(HttpKeys::new(jwks)?));
    }
    let file = FileKeys::new(jwks.into());
    file.keys().await.map_err(|error| error.to_string())?;
    Ok(Arc::new(file))
}
