use super::{methods::Methods, url::UrlRules};
use http::Method;
use opentelemetry::KeyValue;

/// Settings of a server's or a client's layer for the attributes of its spans.
#[derive(Clone, Debug, Default)]
pub(super) struct AttributeSettings {
    pub(super) methods: Methods,
    pub(super) urls: UrlRules,
}

impl AttributeSettings {
    pub(super) fn set_known_methods(
        &mut self,
        methods: impl IntoIterator<Item = impl Into<String>>,
    ) {
        self.methods = Methods::new(methods);
    }

    pub(super) fn set_secret_parameters(
        &mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) {
        self.urls = UrlRules::new(names);
    }

    /// Returns `http.request.method_original`, if the method is not known.
    #[inline]
    pub(super) fn original_method(&self, method: &Method) -> Option<KeyValue> {
        let original = self.methods.original(method)?.to_owned();
        Some(KeyValue::new("http.request.method_original", original))
    }
}
