// Draws the description of this server. Nothing is asked of any other one, and a token that is
// typed in stays on the page.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#description",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: "list",
    filter: true,
    persistAuthorization: false,
    requestSnippetsEnabled: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
