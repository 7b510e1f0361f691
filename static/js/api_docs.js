// Starts Swagger UI over our own schema; requests go out as the signed-in person, with the CSRF token that the page has.
const place = document.getElementById("api-docs");
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    filter: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
        request.headers["X-CSRFToken"] = token;
        return request;
    },
});
