//! One file per RPC: what it says, how the request is read, what happens.

mod answer_capacity_question;
mod answer_introduction;
mod answer_resident_introduction;
mod ask_capacity;
mod attach_place;
mod card_content;
mod claim_place;
mod count_housing;
mod end_introduction;
mod end_resident_introduction;
mod enrol_card;
mod follow;
mod get_capacity_answers;
mod get_housing;
mod get_introduction;
mod get_offer;
mod get_place;
mod hold_place;
mod housing_need;
mod list_capacity_questions;
mod list_cards;
mod list_housing;
mod list_introductions;
mod list_resident_introductions;
mod list_resident_places;
mod move_housing;
mod open_housing;
mod propose_introduction;
mod publish_offer;
mod release_place;
mod remove_card;
mod reply;
mod report_capacity;
mod retire_offer;
mod review_introduction;
mod search_offers;
mod sync_directory;
mod ticket;

use std::sync::Arc;

use sluis_proto::matching::v1 as proto;
use sluis_proto::matching::v1::attached_place_service_server::AttachedPlaceService;
use sluis_proto::matching::v1::directory_service_server::DirectoryService;
use sluis_proto::matching::v1::housing_service_server::HousingService;
use sluis_proto::matching::v1::introduction_service_server::IntroductionService;
use sluis_proto::matching::v1::place_service_server::PlaceService;
use sluis_proto::matching::v1::resident_matching_service_server::ResidentMatchingService;
use sluis_proto::matching::v1::resident_place_service_server::ResidentPlaceService;
use tonic::{Request, Response, Status};

use crate::context::Context;

/// The gRPC services.
#[derive(Clone)]
pub(crate) struct Api(Arc<Context>);

impl Api {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self(context)
    }
}

#[tonic::async_trait]
impl DirectoryService for Api {
    async fn publish_offer(
        &self,
        request: Request<proto::PublishOfferRequest>,
    ) -> Result<Response<proto::PublishOfferResponse>, Status> {
        Ok(Response::new(publish_offer::handle(&self.0, &request).await?))
    }

    async fn report_capacity(
        &self,
        request: Request<proto::ReportCapacityRequest>,
    ) -> Result<Response<proto::ReportCapacityResponse>, Status> {
        Ok(Response::new(report_capacity::handle(&self.0, &request).await?))
    }

    async fn retire_offer(
        &self,
        request: Request<proto::RetireOfferRequest>,
    ) -> Result<Response<proto::RetireOfferResponse>, Status> {
        Ok(Response::new(retire_offer::handle(&self.0, &request).await?))
    }

    async fn get_offer(
        &self,
        request: Request<proto::GetOfferRequest>,
    ) -> Result<Response<proto::GetOfferResponse>, Status> {
        Ok(Response::new(get_offer::handle(&self.0, &request).await?))
    }

    async fn sync_directory(
        &self,
        request: Request<proto::SyncDirectoryRequest>,
    ) -> Result<Response<proto::SyncDirectoryResponse>, Status> {
        Ok(Response::new(sync_directory::handle(&self.0, &request).await?))
    }

    async fn search_offers(
        &self,
        request: Request<proto::SearchOffersRequest>,
    ) -> Result<Response<proto::SearchOffersResponse>, Status> {
        Ok(Response::new(search_offers::handle(&self.0, &request).await?))
    }
}

#[tonic::async_trait]
impl PlaceService for Api {
    async fn hold_place(
        &self,
        request: Request<proto::HoldPlaceRequest>,
    ) -> Result<Response<proto::HoldPlaceResponse>, Status> {
        Ok(Response::new(hold_place::handle(&self.0, &request).await?))
    }

    async fn release_place(
        &self,
        request: Request<proto::ReleasePlaceRequest>,
    ) -> Result<Response<proto::ReleasePlaceResponse>, Status> {
        Ok(Response::new(release_place::handle(&self.0, &request).await?))
    }

    async fn claim_place(
        &self,
        request: Request<proto::ClaimPlaceRequest>,
    ) -> Result<Response<proto::ClaimPlaceResponse>, Status> {
        Ok(Response::new(claim_place::handle(&self.0, &request).await?))
    }

    async fn get_place(
        &self,
        request: Request<proto::GetPlaceRequest>,
    ) -> Result<Response<proto::GetPlaceResponse>, Status> {
        Ok(Response::new(get_place::handle(&self.0, &request).await?))
    }

    async fn ask_capacity(
        &self,
        request: Request<proto::AskCapacityRequest>,
    ) -> Result<Response<proto::AskCapacityResponse>, Status> {
        Ok(Response::new(ask_capacity::handle(&self.0, &request).await?))
    }

    async fn list_capacity_questions(
        &self,
        request: Request<proto::ListCapacityQuestionsRequest>,
    ) -> Result<Response<proto::ListCapacityQuestionsResponse>, Status> {
        Ok(Response::new(
            list_capacity_questions::handle(&self.0, &request).await?,
        ))
    }

    async fn answer_capacity_question(
        &self,
        request: Request<proto::AnswerCapacityQuestionRequest>,
    ) -> Result<Response<proto::AnswerCapacityQuestionResponse>, Status> {
        Ok(Response::new(
            answer_capacity_question::handle(&self.0, &request).await?,
        ))
    }

    async fn get_capacity_answers(
        &self,
        request: Request<proto::GetCapacityAnswersRequest>,
    ) -> Result<Response<proto::GetCapacityAnswersResponse>, Status> {
        Ok(Response::new(
            get_capacity_answers::handle(&self.0, &request).await?,
        ))
    }
}

#[tonic::async_trait]
impl AttachedPlaceService for Api {
    async fn attach_place(
        &self,
        request: Request<proto::AttachPlaceRequest>,
    ) -> Result<Response<proto::AttachPlaceResponse>, Status> {
        Ok(Response::new(attach_place::handle(&self.0, &request).await?))
    }
}

#[tonic::async_trait]
impl ResidentPlaceService for Api {
    async fn list_resident_places(
        &self,
        request: Request<proto::ListResidentPlacesRequest>,
    ) -> Result<Response<proto::ListResidentPlacesResponse>, Status> {
        Ok(Response::new(
            list_resident_places::handle(&self.0, &request).await?,
        ))
    }
}

#[tonic::async_trait]
impl IntroductionService for Api {
    async fn enrol_card(
        &self,
        request: Request<proto::EnrolCardRequest>,
    ) -> Result<Response<proto::EnrolCardResponse>, Status> {
        Ok(Response::new(enrol_card::handle(&self.0, &request).await?))
    }

    async fn remove_card(
        &self,
        request: Request<proto::RemoveCardRequest>,
    ) -> Result<Response<proto::RemoveCardResponse>, Status> {
        Ok(Response::new(remove_card::handle(&self.0, &request).await?))
    }

    async fn list_cards(
        &self,
        request: Request<proto::ListCardsRequest>,
    ) -> Result<Response<proto::ListCardsResponse>, Status> {
        Ok(Response::new(list_cards::handle(&self.0, &request).await?))
    }

    async fn propose_introduction(
        &self,
        request: Request<proto::ProposeIntroductionRequest>,
    ) -> Result<Response<proto::ProposeIntroductionResponse>, Status> {
        Ok(Response::new(
            propose_introduction::handle(&self.0, &request).await?,
        ))
    }

    async fn answer_introduction(
        &self,
        request: Request<proto::AnswerIntroductionRequest>,
    ) -> Result<Response<proto::AnswerIntroductionResponse>, Status> {
        Ok(Response::new(
            answer_introduction::handle(&self.0, &request).await?,
        ))
    }

    async fn get_introduction(
        &self,
        request: Request<proto::GetIntroductionRequest>,
    ) -> Result<Response<proto::GetIntroductionResponse>, Status> {
        Ok(Response::new(get_introduction::handle(&self.0, &request).await?))
    }

    async fn list_introductions(
        &self,
        request: Request<proto::ListIntroductionsRequest>,
    ) -> Result<Response<proto::ListIntroductionsResponse>, Status> {
        Ok(Response::new(
            list_introductions::handle(&self.0, &request).await?,
        ))
    }

    async fn review_introduction(
        &self,
        request: Request<proto::ReviewIntroductionRequest>,
    ) -> Result<Response<proto::ReviewIntroductionResponse>, Status> {
        Ok(Response::new(
            review_introduction::handle(&self.0, &request).await?,
        ))
    }

    async fn end_introduction(
        &self,
        request: Request<proto::EndIntroductionRequest>,
    ) -> Result<Response<proto::EndIntroductionResponse>, Status> {
        Ok(Response::new(end_introduction::handle(&self.0, &request).await?))
    }
}

#[tonic::async_trait]
impl ResidentMatchingService for Api {
    async fn list_resident_introductions(
        &self,
        request: Request<proto::ListResidentIntroductionsRequest>,
    ) -> Result<Response<proto::ListResidentIntroductionsResponse>, Status> {
        Ok(Response::new(
            list_resident_introductions::handle(&self.0, &request).await?,
        ))
    }

    async fn answer_resident_introduction(
        &self,
        request: Request<proto::AnswerResidentIntroductionRequest>,
    ) -> Result<Response<proto::AnswerResidentIntroductionResponse>, Status> {
        Ok(Response::new(
            answer_resident_introduction::handle(&self.0, &request).await?,
        ))
    }

    async fn end_resident_introduction(
        &self,
        request: Request<proto::EndResidentIntroductionRequest>,
    ) -> Result<Response<proto::EndResidentIntroductionResponse>, Status> {
        Ok(Response::new(
            end_resident_introduction::handle(&self.0, &request).await?,
        ))
    }
}

#[tonic::async_trait]
impl HousingService for Api {
    async fn open_housing(
        &self,
        request: Request<proto::OpenHousingRequest>,
    ) -> Result<Response<proto::OpenHousingResponse>, Status> {
        Ok(Response::new(open_housing::handle(&self.0, &request).await?))
    }

    async fn move_housing(
        &self,
        request: Request<proto::MoveHousingRequest>,
    ) -> Result<Response<proto::MoveHousingResponse>, Status> {
        Ok(Response::new(move_housing::handle(&self.0, &request).await?))
    }

    async fn get_housing(
        &self,
        request: Request<proto::GetHousingRequest>,
    ) -> Result<Response<proto::GetHousingResponse>, Status> {
        Ok(Response::new(get_housing::handle(&self.0, &request).await?))
    }

    async fn list_housing(
        &self,
        request: Request<proto::ListHousingRequest>,
    ) -> Result<Response<proto::ListHousingResponse>, Status> {
        Ok(Response::new(list_housing::handle(&self.0, &request).await?))
    }

    async fn count_housing(
        &self,
        request: Request<proto::CountHousingRequest>,
    ) -> Result<Response<proto::CountHousingResponse>, Status> {
        Ok(Response::new(count_housing::handle(&self.0, &request).await?))
    }
}
